/** Values as JSON, by Jackson: an optional dependency that only this package needs. */
@NullMarked
package dev.tributary.codec.json;

import org.jspecify.annotations.NullMarked;
