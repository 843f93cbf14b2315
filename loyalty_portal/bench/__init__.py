"""`flask bench`: what a stamp costs, as ratios within one run. Tests never time anything (docs/performance.md)."""
