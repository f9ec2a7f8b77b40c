"""Labels for the cells of grids: exact energies, cuts, moves and narrow grids."""
