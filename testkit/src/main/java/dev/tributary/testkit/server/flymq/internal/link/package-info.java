/** Connections of clients: what arrives is cut into requests, and their answers go out in order. */
@NullMarked
package dev.tributary.testkit.server.flymq.internal.link;

import org.jspecify.annotations.NullMarked;
