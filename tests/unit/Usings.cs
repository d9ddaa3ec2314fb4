global using CsCheck;
global using Marketplace.Contracts;
global using Marketplace.PayRule;
global using Xunit;
