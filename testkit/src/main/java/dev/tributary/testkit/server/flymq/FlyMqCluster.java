package dev.tributary.testkit.server.flymq;

import dev.tributary.testkit.server.Quirk;
import dev.tributary.testkit.server.ServerOptions;
import dev.tributary.testkit.server.flymq.internal.access.Access;
import dev.tributary.testkit.server.flymq.internal.access.AuditTrail;
import dev.tributary.testkit.server.flymq.internal.store.DeadLetters;
import dev.tributary.testkit.server.flymq.internal.store.Groups;
import dev.tributary.testkit.server.flymq.internal.store.Nodes;
import dev.tributary.testkit.server.flymq.internal.store.Records;
import dev.tributary.testkit.server.flymq.internal.store.Topics;
import dev.tributary.testkit.server.flymq.internal.store.Transactions;

/**
 * What the nodes of a cluster share: the transport, and what it does not keep. Made by the first of them; what it remembers lives as long as any
 * of them, through every restart.
 */
record FlyMqCluster(
    Topics topics, Nodes nodes, Groups groups, Transactions transactions, DeadLetters deadLetters, Access access, AuditTrail trail) {
  /** Who tells the public server from this one asks for this. */
  private static final String OURS = "tributary";

  private static final String SHIPPED = "standalone";

  static FlyMqCluster of(ServerOptions options, Records records, Topics topics) {
    boolean asShipped = options.quirks().contains(Quirk.SHIPPED_FLYMQ);
    return new FlyMqCluster(
        topics,
        new Nodes(asShipped ? SHIPPED : OURS),
        new Groups(topics, asShipped ? 1 : 0),
        new Transactions(topics, records, options.time(), options.limits().heldBytes()),
        new DeadLetters(topics, records, asShipped),
        new Access(options.time(), options.administrators()),
        new AuditTrail(options.time()));
  }
}
