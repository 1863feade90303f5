/** The calls of the server's clients: topics, groups, receipts, publishing, reading. Not exported. */
@NullMarked
package dev.tributary.vertx.internal.goqueue.client;

import org.jspecify.annotations.NullMarked;
