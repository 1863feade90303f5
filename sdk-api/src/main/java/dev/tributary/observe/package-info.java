/** Instrumentation hooks: what the client tells tracing and metrics. */
@NullMarked
package dev.tributary.observe;

import org.jspecify.annotations.NullMarked;
