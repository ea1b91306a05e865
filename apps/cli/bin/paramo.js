#!/usr/bin/env node
// Committed, not built: npm links a command only to a file that is there when it installs.
import '../dist/bin.js';
