package dev.tributary.access;

import java.util.Set;

/**
 * Who may read and write a resource besides those whose roles allow that everywhere: these users, and whoever has one of these roles. Made by
 * {@link #of}, and changed by the others.
 *
 * @param resource the name of a stream, queue or store
 * @param open whether everybody may, also who has not logged in; refused by a backend that lets nobody in without a login
 * @param users at most 100
 * @param roles at most 100
 */
public record Acl(String resource, boolean open, Set<String> users, Set<String> roles) {
  public Acl {
    users = Set.copyOf(users);
    roles = Set.copyOf(roles);
  }

  /** One that lets in nobody. */
  public static Acl of(String resource) {
    return new Acl(resource, false, Set.of(), Set.of());
  }

  /** The same with these users and no others. */
  public Acl withUsers(String... only) {
    return new Acl(resource, open, Set.of(only), roles);
  }

  /** The same with these roles and no others. */
  public Acl withRoles(String... only) {
    return new Acl(resource, open, users, Set.of(only));
  }

  /** The same, open to everybody or not. */
  public Acl withOpen(boolean everybody) {
    return new Acl(resource, everybody, users, roles);
  }
}
