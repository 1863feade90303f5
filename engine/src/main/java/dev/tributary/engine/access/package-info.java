/** Who may do what, and who did what: what the engine keeps for its connections, and servers for theirs where no transport does. */
@NullMarked
package dev.tributary.engine.access;

import org.jspecify.annotations.NullMarked;
