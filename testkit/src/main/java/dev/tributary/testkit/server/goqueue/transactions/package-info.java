/** Transactions and idempotent producers. Not for users. */
@NullMarked
package dev.tributary.testkit.server.goqueue.transactions;

import org.jspecify.annotations.NullMarked;
