/** How the public server really behaves, where that is not as declared. Not for users. */
@NullMarked
package dev.tributary.testkit.server.goqueue.internal.shipped;

import org.jspecify.annotations.NullMarked;
