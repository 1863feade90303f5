/** Spans and metrics by OpenTelemetry: an optional dependency that only this package needs. */
@NullMarked
package dev.tributary.opentelemetry;

import org.jspecify.annotations.NullMarked;
