/** Who may do what, and who did what. No transport keeps that, so it is kept here, for all nodes of a cluster. */
@NullMarked
package dev.tributary.testkit.server.flymq.internal.access;

import org.jspecify.annotations.NullMarked;
