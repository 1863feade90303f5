package dev.tributary.testkit.server.goqueue;

import dev.tributary.spi.Deadline;
import dev.tributary.testkit.server.Quirk;
import dev.tributary.testkit.server.ServerOptions;
import dev.tributary.testkit.server.goqueue.internal.routes.ApiKeys;
import dev.tributary.testkit.server.goqueue.internal.routes.Consumption;
import dev.tributary.testkit.server.goqueue.internal.routes.Traces;
import dev.tributary.testkit.server.goqueue.internal.schemas.Schemas;
import dev.tributary.testkit.server.goqueue.internal.shipped.ShippedDelays;
import dev.tributary.testkit.server.goqueue.internal.shipped.ShippedReads;
import dev.tributary.testkit.server.goqueue.internal.shipped.ShippedTransactions;
import dev.tributary.testkit.server.goqueue.internal.store.Appends;
import dev.tributary.testkit.server.goqueue.internal.store.Delays;
import dev.tributary.testkit.server.goqueue.internal.store.DemoOrders;
import dev.tributary.testkit.server.goqueue.internal.store.KeptDelays;
import dev.tributary.testkit.server.goqueue.internal.store.Reads;
import dev.tributary.testkit.server.goqueue.internal.store.Topics;
import dev.tributary.testkit.server.goqueue.internal.transactions.Transactions;
import dev.tributary.testkit.server.internal.http.HttpFront;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/**
 * What the nodes of a cluster share: the transport, and what it does not keep, above all who is a member of which group. Made by the first of
 * them; what it remembers lives as long as any of them, through every restart.
 *
 * @param onStart what a node does before it listens
 */
record GoQueueCluster(
    Topics topics,
    Appends appends,
    Delays delays,
    Reads reads,
    Consumption consumption,
    Schemas schemas,
    Transactions transactions,
    Traces traces,
    ApiKeys keys,
    Supplier<CompletableFuture<?>> onStart) {
  static GoQueueCluster of(ServerOptions options) {
    Topics topics = new Topics(options.transport());
    Appends appends = new Appends(topics);
    boolean asShipped = options.quirks().contains(Quirk.SHIPPED_GOQUEUE);
    Traces traces = new Traces(options.time(), !asShipped);
    topics.onDelete(traces::forget);
    ShippedDelays shipped = asShipped ? new ShippedDelays(appends, options.time()) : null;
    Reads reads = shipped == null ? new Reads(topics) : new ShippedReads(topics, shipped);
    DemoOrders demo = new DemoOrders(topics, appends);
    return new GoQueueCluster(
        topics,
        appends,
        shipped == null ? new KeptDelays(topics, appends, options.time()) : shipped,
        reads,
        new Consumption(topics, appends, reads, options),
        new Schemas(topics, options.time()),
        asShipped ? new ShippedTransactions(topics, appends, options.time()) : new Transactions(topics, appends, options.time()),
        traces,
        new ApiKeys(options.tokens(), options.time()),
        shipped == null ? () -> CompletableFuture.completedFuture(null) : () -> startAsShipped(shipped, demo, options));
  }

  /** What public servers do when they start, and what they have forgotten by then. */
  private static CompletableFuture<?> startAsShipped(ShippedDelays delays, DemoOrders demo, ServerOptions options) {
    delays.restarted();
    return demo.begin(Deadline.after(options.time(), HttpFront.TIMEOUT));
  }
}
