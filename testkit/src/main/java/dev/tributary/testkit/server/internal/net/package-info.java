/** What the servers of all protocols bound: the connections of their clients, and what these make them hold. */
@NullMarked
package dev.tributary.testkit.server.internal.net;

import org.jspecify.annotations.NullMarked;
