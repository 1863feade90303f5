/** Faults on purpose: what a network does on its bad days. */
@NullMarked
package dev.tributary.testkit.fault;

import org.jspecify.annotations.NullMarked;
