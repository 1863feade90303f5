/** Schemas that payloads are checked against. */
@NullMarked
package dev.tributary.schema;

import org.jspecify.annotations.NullMarked;
