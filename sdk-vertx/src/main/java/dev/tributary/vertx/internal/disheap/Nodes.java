package dev.tributary.vertx.internal.disheap;

import dev.tributary.Outcome;
import dev.tributary.config.Endpoint;
import dev.tributary.spi.Deadline;
import dev.tributary.spi.Steps;
import dev.tributary.vertx.internal.net.Network;
import dev.tributary.vertx.internal.net.http.HttpCaller;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;

/** The endpoints, and which of them leads. */
final class Nodes {
  private final List<Endpoint> endpoints;
  private final List<HttpCaller> http;

  /**
   * The endpoints of this network.
   *
   * @param http where each tells whether it leads; empty if that is not known
   */
  Nodes(Network network, List<Endpoint> http) {
    this.endpoints = network.endpoints().all();
    this.http = http.stream().map(address -> new HttpCaller(network, address)).toList();
  }

  List<Endpoint> endpoints() {
    return endpoints;
  }

  /** All endpoints, the leader first if it is known which. */
  CompletableFuture<List<Endpoint>> leaderFirst(Deadline deadline) {
    return http.isEmpty() || endpoints.size() == 1
        ? CompletableFuture.completedFuture(endpoints)
        : Steps.map(Steps.all(http.stream().map(node -> leads(node, deadline)).toList()), this::leaderFirst);
  }

  private List<Endpoint> leaderFirst(List<Outcome<Boolean>> leads) {
    List<Endpoint> order = new ArrayList<>(endpoints);
    for (int i = 0; i < leads.size(); i++) {
      if (Boolean.TRUE.equals(leads.get(i).value())) {
        order.remove(endpoints.get(i));
        order.add(0, endpoints.get(i));
      }
    }
    return order;
  }

  /** One that does not say is asked all the same, only later. */
  private static CompletableFuture<Boolean> leads(HttpCaller node, Deadline deadline) {
    return Steps.recover(
        Steps.map(node.get("/health", deadline), health -> Objects.equals(health.getValue("is_leader"), true)),
        silent -> CompletableFuture.completedFuture(false));
  }

  /** Ends what is under way. */
  CompletableFuture<Void> close() {
    List<CompletableFuture<Void>> ended = new ArrayList<>();
    http.forEach(node -> ended.add(node.close()));
    return CompletableFuture.allOf(ended.toArray(CompletableFuture[]::new));
  }
}
