package dev.tributary.testkit.server.flymq.internal.calls;

import dev.tributary.engine.access.Trail;
import dev.tributary.engine.access.Trail.Actor;
import dev.tributary.engine.access.Trail.Deed;
import dev.tributary.testkit.server.flymq.internal.link.Client;
import org.jspecify.annotations.Nullable;

/** Writes down what was done at one node. */
public final class Audited {
  private final Trail trail;
  private final String node;

  public Audited(Trail trail, String node) {
    this.trail = trail;
    this.node = node;
  }

  /** Somebody did it. */
  void did(Deed deed, Operations.Call call) {
    trail.did(deed, actor(call.client(), call.client().user()));
  }

  /** Somebody said who they are, and that was so, or why it was not. */
  void loggedIn(String user, Client client, String error) {
    if (error.isEmpty()) {
      trail.loggedIn(actor(client, user));
    } else {
      trail.notLoggedIn(actor(client, user), error);
    }
  }

  /** Somebody was not allowed to do it. */
  public void denied(String operation, String resource, Client client, String why) {
    trail.denied(operation, resource, actor(client, client.user()), why);
  }

  private Actor actor(Client client, @Nullable String user) {
    return new Actor(user, client.ip(), node);
  }
}
