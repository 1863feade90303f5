/** Handles of key-value stores. */
@NullMarked
package dev.tributary.internal.kv;

import org.jspecify.annotations.NullMarked;
