/** What each operation does, one file for each kind. */
@NullMarked
package dev.tributary.testkit.server.flymq.internal.calls;

import org.jspecify.annotations.NullMarked;
