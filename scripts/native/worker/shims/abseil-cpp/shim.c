// A static library has to exist for the worker's link_whole to name; the real code comes from the system.
int tongping_shim_absl;
