package dev.tributary.testkit.server.flymq;

import dev.tributary.engine.access.Directory;
import dev.tributary.engine.access.Guarded;
import dev.tributary.engine.access.Trail;
import dev.tributary.testkit.server.Quirk;
import dev.tributary.testkit.server.ServerOptions;
import dev.tributary.testkit.server.flymq.internal.store.DeadLetters;
import dev.tributary.testkit.server.flymq.internal.store.Groups;
import dev.tributary.testkit.server.flymq.internal.store.Nodes;
import dev.tributary.testkit.server.flymq.internal.store.Records;
import dev.tributary.testkit.server.flymq.internal.store.Topics;
import dev.tributary.testkit.server.flymq.internal.store.Transactions;
import org.jspecify.annotations.Nullable;

/**
 * What the nodes of a cluster share: the transport, and what it does not keep. Made by the first of them; what it remembers lives as long as any
 * of them, through every restart.
 */
record FlyMqCluster(
    Topics topics, Nodes nodes, Groups groups, Transactions transactions, DeadLetters deadLetters, Directory directory, Trail trail) {
  /** Who tells the public server from this one asks for this. */
  private static final String OURS = "tributary";

  private static final String SHIPPED = "standalone";

  static FlyMqCluster of(ServerOptions options, Records records, Topics topics) {
    boolean asShipped = options.quirks().contains(Quirk.SHIPPED_FLYMQ);
    Guarded guarded = guarded(options);
    return new FlyMqCluster(
        topics,
        new Nodes(asShipped ? SHIPPED : OURS),
        new Groups(topics, asShipped ? 1 : 0),
        new Transactions(topics, records, options.time(), options.limits().heldBytes()),
        new DeadLetters(topics, records, asShipped),
        guarded == null ? new Directory(options.time(), options.administrators()) : guarded.directory(),
        guarded == null ? new Trail(options.time()) : guarded.trail());
  }

  /** Who keeps the users, if the transport has some and the server was not given others; null for the cluster itself. */
  private static @Nullable Guarded guarded(ServerOptions options) {
    return options.administrators().isEmpty() && options.transport().access().orElse(null) instanceof Guarded keeper && keeper.directory().on()
        ? keeper
        : null;
  }
}
