/** How values look on GoQueue's wire. Its driver and its server share them. Not exported to users. */
@NullMarked
package dev.tributary.vertx.internal.goqueue.wire;

import org.jspecify.annotations.NullMarked;
