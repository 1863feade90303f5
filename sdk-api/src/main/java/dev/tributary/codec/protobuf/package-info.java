/** Values as protocol buffers: an optional dependency that only this package needs. */
@NullMarked
package dev.tributary.codec.protobuf;

import org.jspecify.annotations.NullMarked;
