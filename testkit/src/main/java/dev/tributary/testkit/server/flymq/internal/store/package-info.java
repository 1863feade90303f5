/** What operations work on: topics, their records, groups and transactions, all of them of a transport. */
@NullMarked
package dev.tributary.testkit.server.flymq.internal.store;

import org.jspecify.annotations.NullMarked;
