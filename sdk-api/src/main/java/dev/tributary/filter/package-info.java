/** Which messages a reader wants: {@link dev.tributary.filter.EventFilter}, and what it finds them by. */
@NullMarked
package dev.tributary.filter;

import org.jspecify.annotations.NullMarked;
