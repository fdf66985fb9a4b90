// See the run list.
