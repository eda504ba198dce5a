//! Writes EVTX files from scenario files.
