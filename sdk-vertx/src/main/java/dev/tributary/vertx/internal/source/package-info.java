/** Sources that go on after a broken connection, whether they are pushed or read pages, and who shares partitions. Not exported. */
@NullMarked
package dev.tributary.vertx.internal.source;

import org.jspecify.annotations.NullMarked;
