package dev.tributary.vertx.internal.net;

import dev.tributary.config.ClientConfig;
import dev.tributary.config.Endpoint;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** What all ways of one client know together: how each endpoint stands, and who has connections to it. Thread-safe. */
public final class Neighbours {
  private final ClientConfig config;
  private final Map<Endpoint, Standing> standings = new ConcurrentHashMap<>();
  private final Set<Lane> lanes = ConcurrentHashMap.newKeySet();

  /** Somebody with connections. */
  public interface Lane {
    /** A connection to this endpoint has died: those to the same endpoint are put to the test. On any thread. */
    void suspect(Endpoint endpoint);
  }

  Neighbours(ClientConfig config) {
    this.config = config;
  }

  /** How these stand, in their order. */
  Endpoints endpoints(List<Endpoint> endpoints) {
    return new Endpoints(endpoints.stream().map(this::standing).toList());
  }

  private Standing standing(Endpoint endpoint) {
    return standings.computeIfAbsent(endpoint, where -> new Standing(where, config.retry(), config.time(), this::back));
  }

  private void back(Standing one) {
    for (Standing other : standings.values()) {
      if (other != one) {
        other.reconsider();
      }
    }
  }

  public void add(Lane lane) {
    lanes.add(lane);
  }

  public void remove(Lane lane) {
    lanes.remove(lane);
  }

  /** A connection to this endpoint has died without a word. */
  public void died(Endpoint endpoint) {
    for (Lane lane : lanes) {
      lane.suspect(endpoint);
    }
  }
}
