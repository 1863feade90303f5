/** The client and its handles: streams, queues, key-value state, transactions, schemas, administration, health. */
@NullMarked
package dev.tributary;

import org.jspecify.annotations.NullMarked;
