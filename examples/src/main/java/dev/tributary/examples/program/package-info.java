/** What all programs here have in common: how they begin and end, what they are told, and which backend they work with. */
package dev.tributary.examples.program;
