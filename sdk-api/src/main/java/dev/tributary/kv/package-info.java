/** Entries and changes of key-value stores. */
@NullMarked
package dev.tributary.kv;

import org.jspecify.annotations.NullMarked;
