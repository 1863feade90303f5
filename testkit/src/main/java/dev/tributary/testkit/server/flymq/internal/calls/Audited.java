package dev.tributary.testkit.server.flymq.internal.calls;

import dev.tributary.testkit.server.flymq.internal.access.AuditTrail;
import dev.tributary.testkit.server.flymq.internal.access.AuditTrail.Deed;
import dev.tributary.testkit.server.flymq.internal.access.AuditTrail.Result;
import dev.tributary.testkit.server.flymq.internal.access.Client;
import dev.tributary.vertx.internal.flymq.wire.Answers.Detail;

/** Writes down what was done at one node. */
public final class Audited {
  private final AuditTrail trail;
  private final String node;

  public Audited(AuditTrail trail, String node) {
    this.trail = trail;
    this.node = node;
  }

  AuditTrail trail() {
    return trail;
  }

  /** Somebody did it. */
  void did(Deed deed, Operations.Call call) {
    trail.add(deed, user(call.client()), call.client(), Result.SUCCESS, node);
  }

  /** Somebody said who they are, and that was so, or why it was not. */
  void loggedIn(String user, Client client, String error) {
    if (error.isEmpty()) {
      trail.add(new Deed("auth.success", "", "authenticate"), user, client, Result.SUCCESS, node);
    } else {
      trail.add(new Deed("auth.failure", "", "authenticate"), user, client, Result.FAILURE, node, new Detail("reason", error));
    }
  }

  /** Somebody was not allowed to do it. */
  public void denied(String operation, String resource, Client client, String why) {
    trail.add(new Deed("access.denied", resource, operation), user(client), client, Result.DENIED, node, new Detail("reason", why));
  }

  private static String user(Client client) {
    String user = client.user();
    return user == null ? "" : user;
  }
}
