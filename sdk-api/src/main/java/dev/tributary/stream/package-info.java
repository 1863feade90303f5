/** Events, messages, publishers, consumers and their options. */
@NullMarked
package dev.tributary.stream;

import org.jspecify.annotations.NullMarked;
