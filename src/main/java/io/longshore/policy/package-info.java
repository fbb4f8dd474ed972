/**
 * What is decided from a request head before anything is dialled: the route it takes, and whose address counts as the
 * client's. Pure functions of bytes and configuration. May import http, config and metrics.
 */
package io.longshore.policy;
