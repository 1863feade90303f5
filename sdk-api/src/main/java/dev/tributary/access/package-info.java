/** Users, what they may do, and what they did. */
@NullMarked
package dev.tributary.access;

import org.jspecify.annotations.NullMarked;
