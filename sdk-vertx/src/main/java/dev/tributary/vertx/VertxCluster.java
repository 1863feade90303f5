package dev.tributary.vertx;

import dev.tributary.cluster.Cluster;
import dev.tributary.cluster.Node;
import dev.tributary.cluster.PartitionLeader;
import io.vertx.core.Future;
import java.util.List;

/** {@link Cluster} for verticles; see {@link VertxTributary}. */
public final class VertxCluster {
  private final Contexts contexts;
  private final Cluster cluster;

  VertxCluster(Contexts contexts, Cluster cluster) {
    this.contexts = contexts;
    this.cluster = cluster;
  }

  /** See {@link Cluster#nodes}. */
  public Future<List<Node>> nodes() {
    return contexts.future(cluster.nodes());
  }

  /** See {@link Cluster#leaders}. */
  public Future<List<PartitionLeader>> leaders(String stream) {
    return contexts.future(cluster.leaders(stream));
  }
}
