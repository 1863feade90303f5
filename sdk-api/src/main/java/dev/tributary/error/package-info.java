/** One unchecked exception family; subclasses only where callers branch. */
@NullMarked
package dev.tributary.error;

import org.jspecify.annotations.NullMarked;
