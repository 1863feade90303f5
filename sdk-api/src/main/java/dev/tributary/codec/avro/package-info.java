/** Values as Avro: an optional dependency that only this package needs. */
@NullMarked
package dev.tributary.codec.avro;

import org.jspecify.annotations.NullMarked;
