/** The HTTP routes: what is asked, what is answered. Not for users. */
@NullMarked
package dev.tributary.testkit.server.goqueue.internal.routes;

import org.jspecify.annotations.NullMarked;
