/** Disheap's clients written by hand. */
package dev.tributary.examples.bench.disheap;
