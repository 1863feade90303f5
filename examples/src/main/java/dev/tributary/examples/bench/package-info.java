/** Measures the SDK beside clients written by hand; a package below this one holds those of each backend. */
package dev.tributary.examples.bench;
