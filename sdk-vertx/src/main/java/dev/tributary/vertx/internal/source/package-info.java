/** Sources that go on after a broken connection. Not exported. */
@NullMarked
package dev.tributary.vertx.internal.source;

import org.jspecify.annotations.NullMarked;
