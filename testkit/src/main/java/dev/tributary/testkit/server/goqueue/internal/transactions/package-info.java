/** Transactions and idempotent producers. Not for users. */
@NullMarked
package dev.tributary.testkit.server.goqueue.internal.transactions;

import dev.tributary.testkit.server.goqueue.internal.transactions.Transactions;
import org.jspecify.annotations.NullMarked;
