package dev.tributary.kotlin

import dev.tributary.cluster.Node
import dev.tributary.cluster.PartitionLeader
import kotlinx.coroutines.future.await
import dev.tributary.cluster.Cluster as JavaCluster

/** The same nodes for coroutines. */
public fun JavaCluster.asKotlin(): Cluster = Cluster(this)

/** The nodes of the backend, as the one sees them that is asked. Cancellation is described at [Tributary]. */
public class Cluster internal constructor(
  /** The Java nodes. */
  public val java: JavaCluster,
) {
  /** The nodes that there are, by id. A backend that only says who has partitions names no node without any. */
  public suspend fun nodes(): List<Node> = java.nodes().await()

  /** Who leads the partitions of a stream, ascending; fails with `NotFoundException` if there is no such stream. */
  public suspend fun leaders(stream: String): List<PartitionLeader> = java.leaders(stream).await()
}
